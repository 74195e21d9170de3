import fc from 'fast-check'
import t from 'tap'
import { lastValue, parseTimeSpan, parseUnit } from '../../../platform/linux/systemd-unit.ts'
import { holds } from '../../support/holds.ts'

t.test('reads settings by section, in order', async (t) => {
  const unit = parseUnit([
    '[Unit]\nDescription=x\n\n[Timer]\n# no\n;no\nOnCalendar = daily\nOnCalendar=a=b\n',
  ])
  t.strictSame(unit.get('Unit.Description'), ['x'])
  t.strictSame(unit.get('Timer.OnCalendar'), ['daily', 'a=b'])
  t.equal(lastValue(unit, 'Timer.OnCalendar'), 'a=b')
  t.equal(lastValue(unit, 'Timer.Unit'), undefined)
})

t.test('joins continued lines, with comments between', async (t) => {
  const unit = parseUnit(['[Service]\nExecStart=/bin/a \\\n# no\n  b \\\n  c\nUser=x'])
  t.match(unit.get('Service.ExecStart')?.[0], /^\/bin\/a +b +c$/)
  t.equal(lastValue(unit, 'Service.User'), 'x')
})

t.test('a drop-in adds to a list, and empties it first by an empty value', async (t) => {
  const main = '[Timer]\nOnCalendar=daily\n'
  const added = parseUnit([main, '[Timer]\nOnCalendar=weekly\n'])
  t.strictSame(added.get('Timer.OnCalendar'), ['daily', 'weekly'])
  const replaced = parseUnit([main, '[Timer]\nOnCalendar=\nOnCalendar=weekly\n'])
  t.strictSame(replaced.get('Timer.OnCalendar'), ['weekly'])
})

const spans: Record<string, number | undefined> = {
  '15': 15_000,
  '15min': 900_000,
  '1h 30min': 5_400_000,
  '1h30m': 5_400_000,
  '2weeks': 1_209_600_000,
  '1.5s': 1500,
  '250 ms': 250,
  '1M': 2_629_800_000,
  '0': 0,
  infinity: undefined,
  '': undefined,
  '5 parsecs': undefined,
  '-1': undefined,
}
for (const [text, ms] of Object.entries(spans)) {
  t.test(`reads the span ${JSON.stringify(text)}`, async (t) => t.equal(parseTimeSpan(text), ms))
}

t.test('properties', async (t) => {
  const text = fc.string({ unit: fc.constantFrom(...'[]=\\\n #;aT1 .smhd') })
  holds(
    t,
    'never throws',
    fc.property(text, (some) => void [parseUnit([some]), parseTimeSpan(some)]),
  )
})
