/**
 * What a Windows command line really runs: the script behind powershell, cmd, wscript, cscript and mshta,
 * the library behind rundll32 and regsvr32, the project behind msbuild. Pure; `actor.ts` knows the
 * interpreters that are the same everywhere.
 *
 * An encoded command is decoded: its script where it runs one, else its text, since that is the program.
 * What a script itself starts is told by its children, and what a shell reads from standard input by none.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_powershell_exe
 */

/** Longer than a person reads, long enough that two programs differ. */
const MAX_TEXT = 120
/** What Windows starts by its extension, by an interpreter that the command line does not always name. */
const SCRIPT_FILE = /\.(?:bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta)$/i

/** Words as `CommandLineToArgvW` parts them: quotes hold together, `\"` is a quote, `""` inside is one. */
export function commandWords(commandLine: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let isQuoted = false
  for (let at = 0; at < commandLine.length; at++) {
    const char = commandLine[at] as string
    if (char === '\\') {
      let end = at
      while (commandLine[end] === '\\') end++
      const slashes = end - at
      // Before a quote two of them are one, and an odd one makes the quote a letter.
      const isBeforeQuote = commandLine[end] === '"'
      word = (word ?? '') + '\\'.repeat(isBeforeQuote ? slashes >> 1 : slashes)
      at = end - 1
      if (isBeforeQuote && slashes % 2 === 1) {
        word += '"'
        at++
      }
    } else if (char === '"') {
      word ??= ''
      if (isQuoted && commandLine[at + 1] === '"') {
        word += '"'
        at++
      } else isQuoted = !isQuoted
    } else if (!isQuoted && (char === ' ' || char === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + char
  }
  if (word !== undefined) words.push(word)
  return words
}

/** A path of Windows, by its drive, its share or its backslashes. */
export const isWindowsPath = (path: string): boolean => /^[a-z]:|\\/i.test(path)

/** `C:\Windows\System32\CMD.EXE` is `cmd`. */
export const windowsProgram = (path: string): string =>
  path
    .slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1)
    .toLowerCase()
    .replace(/\.exe$/, '')

/** `cmd /d /s /c TEXT` and what runs it in turn; `start` and `call` add nothing. */
const CMD =
  /^(?:"[^"]*\\)?(?:[^"\s]*\\)?cmd(?:\.exe)?"?(?:\s+\/(?!c)[a-z](?::\w+)?)*\s*\/[ckr]\s*(.*)$/is
const CALLED = /^(?:@|call\s+|start\s+(?:"[^"]*"\s+)?(?:\/\w+\s+)*)+/i

/** The command line that `cmd /c` runs; the same where it is no such thing. */
export function behindCmd(commandLine: string): string {
  let line = commandLine.trim()
  // A shell may run a shell; eight deep is a trick, not a job.
  for (let depth = 0; depth < 8; depth++) {
    const text = CMD.exec(line)?.[1]?.trim()
    if (text === undefined || text === '') return line
    line = (isOneFile(text) ? text : withoutOuterQuotes(text)).trim().replace(CALLED, '')
  }
  return line
}

/** `"C:\a b.cmd"`, whose quotes cmd leaves alone. */
const isOneFile = (text: string): boolean => /^"[^"]+\.\w{2,4}"[^"]*$/.test(text)

/** `"C:\a b.cmd" "x"` within quotes of their own: cmd drops the first and the last. */
const withoutOuterQuotes = (text: string): string =>
  text.startsWith('"') ? text.slice(1).replace(/"([^"]*)$/, '$1') : text

/**
 * @param words of a command line, behind `cmd /c`
 * @returns undefined where it runs no script, or what runs it is none of Windows' own interpreters
 */
export function windowsScript(words: readonly string[]): string | undefined {
  const [path = '', ...rest] = words
  if (SCRIPT_FILE.test(path)) return path
  switch (windowsProgram(path)) {
    case 'powershell':
    case 'pwsh':
      return powershellScript(rest, windowsProgram(path) === 'pwsh')
    case 'wscript':
    case 'cscript':
    case 'regsvr32':
    case 'msbuild':
      return rest.find((word) => !/^[/\-@]/.test(word))
    case 'mshta':
      return shortened(rest[0])
    case 'rundll32':
      return shortened(rest.join(' ').split(',')[0]?.trim())
    default:
      return undefined
  }
}

/** Parameters of powershell.exe that take a word, each from the shortest form that it is known by. */
const POWERSHELL_VALUES = [
  ...[/^ex/, /^ep$/, /^inp/, /^if$/, /^o/, /^w/, /^v/, /^psc/, /^config/, /^cus/, /^settings/],
  ...[/^encodeda/, /^ea$/],
]

function powershellScript(words: readonly string[], isCore: boolean): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    // A hyphen may be a slash or a dash.
    if (!/^[-/–—―]/.test(word)) {
      // Without a parameter it is a command; to PowerShell 7 it is a file.
      return isCore ? word : commandScript(words.slice(i).join(' '))
    }
    const name = word.slice(1).toLowerCase()
    // It reads its program from standard input.
    if (name === '') return undefined
    if ('file'.startsWith(name)) return words[i + 1]
    if ('command'.startsWith(name)) return commandScript(words.slice(i + 1).join(' '))
    if (name === 'ec' || 'encodedcommand'.startsWith(name)) {
      const text = decoded(words[i + 1] ?? '')
      return text && (commandScript(text) ?? shortened(text))
    }
    if (POWERSHELL_VALUES.some((value) => value.test(name))) i++
  }
  return undefined
}

/** The script that a command of PowerShell begins with: `& 'C:\a b.ps1' -x`, `. .\a.ps1`, `C:\a.ps1`. */
function commandScript(text: string): string | undefined {
  const match =
    /^\s*(?:[&.]\s*)?\{?\s*(?:&\s*)?(?:"([^"]+\.ps1)"|'([^']+\.ps1)'|([^\s'"|;&(){}]+\.ps1))/i.exec(
      text,
    )
  return match?.[1] ?? match?.[2] ?? match?.[3]
}

/** Base64 of UTF-16; `undefined` where it is none. */
function decoded(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) return undefined
  const text = Buffer.from(base64, 'base64').toString('utf16le')
  return text.includes('\ufffd') || text === '' ? undefined : text
}

/** On one line; what is cut off is told by an ellipsis. */
function shortened(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, ' ').trim()
  if (!line) return undefined
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line
}

/** It runs neither a script nor a text: a person types into it. */
export function isTypedInto(words: readonly string[]): boolean {
  const [path = '', ...rest] = words
  switch (windowsProgram(path)) {
    case 'cmd':
      return !rest.some((word) => /^\/[ckr]/i.test(word))
    case 'powershell':
    case 'pwsh':
      return !rest.some(
        (word) => /^[-/–—―](?:f|c|e(?!x|p|a))/i.test(word) || !/^[-/–—―]/.test(word),
      )
    default:
      return false
  }
}

/** A library that is only named lies in the system's folder, more likely than where the process works. */
const NAMED_LIBRARY = /^[^\\/]+\.(?:dll|ocx|cpl)$/i

/** The whole path of a file, where it is told from the folder in which the process works. */
export function inFolder(folder: string | undefined, path: string): string {
  const isWhole = /^[a-z]:|^\\\\|^%|:\/\/|^javascript:|^vbscript:/i.test(path)
  const isFile = /^[^<>|;"'$(){}*?]*\.\w{1,10}$/.test(path) && !NAMED_LIBRARY.test(path)
  if (folder === undefined || isWhole || !isFile) return path
  const parts: string[] = []
  for (const part of `${folder}\\${path}`.split(/[\\/]+/)) {
    if (part === '..' && parts.length > 1) parts.pop()
    else if (part !== '.' && part !== '..' && part !== '') parts.push(part)
  }
  return parts.join('\\')
}

/**
 * One spelling for what a task's definition and its process both say: without quotes and folders, since
 * a task may name `powershell.exe`, `%windir%\x.exe` or a whole path, quoted or not.
 */
export function commandKey(commandLine: string): string {
  const plain = commandLine.replaceAll('"', '').replace(/\s+/g, ' ').trim().toLowerCase()
  const bare = /^([^\\. ]+)( .*)?$/.exec(plain)
  if (bare !== null) return `${bare[1]}.exe${bare[2] ?? ''}`
  const named = /^(?:.*?\\)??([^\\]+?\.(?:exe|com|bat|cmd|ps1|vbs|js|wsf))(?: |$)(.*)$/.exec(plain)
  if (named !== null) return `${named[1]} ${named[2]}`.trim()
  const [first = '', ...rest] = plain.split(' ')
  return [`${windowsProgram(first)}.exe`, ...rest].join(' ')
}
