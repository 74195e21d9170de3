import t from 'tap'
import { random } from '../bench/families/random.ts'
import { fuzz, inputOf } from './fuzzing.ts'
import { mutated } from './mutate.ts'
import { type FuzzTarget, must, pieces } from './target.ts'
import { TARGETS } from './targets.ts'

const target = (run: FuzzTarget['run']): FuzzTarget => ({
  ...{ name: 'made', recordings: /^$/, made: ['one', 'two {3}'], unit: 'file', run },
})
const options = (targets: readonly FuzzTarget[], inputs: number) => ({
  ...{ targets, seed: 1, inputs, endMs: Number.POSITIVE_INFINITY },
  now: () => performance.now(),
  heapBytes: () => 0,
})

for (const reader of TARGETS) {
  t.test(`hostile inputs do not bring down: ${reader.name}`, async (t) => {
    const { tallies, faults } = fuzz(options([reader], 200))
    t.strictSame(faults, [])
    t.match(tallies, [{ inputs: 200 }])
  })
}

t.test('a reader that throws is found, with an input that can be made again', async (t) => {
  const broken = target((input) => must(!input.includes('{3'), 'no {3'))
  const { faults } = fuzz(options([broken], 500))
  t.ok(faults.length > 0)
  const seeds = broken.made.map((text) => Buffer.from(text))
  for (const { number, reason } of faults) {
    t.match(reason, /no \{3/)
    t.ok(inputOf(seeds, 1, 0, number).includes('{3'), 'the same input')
  }
})

t.test('inputs differ, are bounded, and are the same for the same number', async (t) => {
  const seeds = [Buffer.from('node=a type=EOE msg=audit(1.1:2): '), Buffer.alloc(100_000, 'x')]
  const inputs = Array.from({ length: 2_000 }, (_, i) => mutated(seeds, random(i)))
  const texts = new Set(inputs.map((input) => input.toString('latin1')))
  t.ok(texts.size > 1_500, `${texts.size} different ones`)
  t.ok(inputs.every(({ length }) => length <= 1 << 17))
  t.strictSame(mutated(seeds, random(7)), mutated(seeds, random(7)))
})

t.test('pieces are the whole', async (t) => {
  const input = Buffer.from('a stream of bytes')
  for (let seed = 0; seed < 50; seed++) {
    t.strictSame(Buffer.concat([...pieces(input, random(seed))]), input)
  }
})
