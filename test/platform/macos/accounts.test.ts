import fc from 'fast-check'
import t from 'tap'
import { parseAccounts } from '../../../platform/macos/accounts.ts'
import { holds } from '../../support/holds.ts'

t.test('names by uid', async (t) => {
  const text =
    '_amavisd                83\nann                     501\nbob smith               502\n' +
    'nobody                  -2\nroot                    0\ntoor                    0\nodd\n'
  t.strictSame(
    [...parseAccounts(text)],
    [
      ['83', '_amavisd'],
      ['501', 'ann'],
      ['502', 'bob smith'],
      ['4294967294', 'nobody'],
      ['0', 'root'],
    ],
  )
})

t.test('properties', async (t) => {
  holds(
    t,
    'never throws',
    fc.property(fc.string(), (text) => void parseAccounts(text)),
  )
})
