import t from 'tap'
import { ANSWERS } from '../../../agent/service/install-answers.ts'
import {
  installerStatements,
  installerTables,
} from '../../../packaging/windows/installer-tables.ts'

const rows = (name: string): string[][] =>
  (installerTables()[name] ?? '')
    .split('\r\n')
    .slice(3, -1)
    .map((line) => line.split('\t'))

t.test('each table has its names, types, key, and rows as wide', async (t) => {
  for (const [name, text] of Object.entries(installerTables())) {
    const [names = '', types = '', key = '', ...more] = text.split('\r\n').slice(0, -1)
    const width = names.split('\t').length
    t.equal(types.split('\t').length, width, name)
    t.strictSame(key.split('\t'), [name, names.split('\t')[0]])
    for (const row of more) t.equal(row.split('\t').length, width, `${name}: ${row}`)
  }
})

t.test('each answer is written into the closed folder, of a component of its own', async (t) => {
  const names = rows('IniFile').map(([name]) => name)
  t.strictSame(names, Object.keys(ANSWERS))
  const statements = installerStatements((name) => name).join('\n')
  for (const [name, file, folder, , key, value, , component] of rows('IniFile')) {
    t.strictSame([file, folder, key, value], ['install.ini', 'CONFIGDIR', name, `[${name}]`])
    t.match(statements, `('${component}', '{${name}}', 'CONFIGDIR', 256, '${name}')`)
  }
})

t.test('both folders are closed to all but administrators and the system', async (t) => {
  for (const [, folder, table, sddl] of rows('MsiLockPermissionsEx')) {
    t.equal(table, 'CreateFolder')
    t.match(folder, /^(CONFIG|DATA)DIR$/)
    // Protected from what is above it, and no other entry.
    t.match(sddl, /D:PAI\(A;OICI;FA;;;SY\)\(A;OICI;FA;;;BA\)$/)
  }
  t.equal(rows('MsiLockPermissionsEx').length, 2)
})

t.test('the service is started again after any failure', async (t) => {
  const [recovery] = rows('MsiServiceConfigFailureActions')
  t.strictSame(recovery?.slice(3, 8), [...['86400', '', '', '1[~]1[~]1', '5000[~]30000[~]300000']])
  t.match(rows('MsiServiceConfig'), [['FailureFlag', 'Tidewatch', '5', '4', '1', 'Agent']])
})

t.test('secrets are hidden, and data goes only by choice and never in an upgrade', async (t) => {
  const statements = installerStatements((name) => name).join('\n')
  t.match(statements, /'MsiHiddenProperties', '[^']*SHIP_API_KEY[;']/)
  t.match(statements, 'REMOVE_DATA AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE')
  t.equal(rows('RemoveFile').filter(([, , files]) => files === '*.*').length, 2, 'all of both')
  for (const [, , files, folder, when] of rows('RemoveFile')) {
    t.ok(files)
    t.equal(when, '2')
    t.match(statements, `'${folder}', '[${folder?.replace('REMOVED_', '')}DIR]'`)
  }
})
