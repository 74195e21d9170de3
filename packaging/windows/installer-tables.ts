/**
 * What the Windows installer has beyond its source for wixl: rows of Windows Installer's own tables, as
 * text archives (.idt) and statements for msibuild.
 *
 * https://learn.microsoft.com/windows/win32/msi/database-tables
 */
import { ANSWERS, ANSWERS_FILE } from '../../agent/service/install-answers.ts'

/** By name, as `msibuild -i` takes it. */
export type Tables = Readonly<Record<string, string>>

/** A line of names, a line of types, a line of the table and its keys, then the rows. */
function table(
  name: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | number)[])[],
): string {
  const [key = ''] = Object.keys(columns)
  const lines = [
    ...[Object.keys(columns), Object.values(columns), [name, key]],
    ...rows.map((row) => row.map(String)),
  ]
  return lines.map((cells) => `${cells.join('\t')}\r\n`).join('')
}

/** Owner and full access are SYSTEM's and Administrators' alone; nothing is inherited from above. */
const CLOSED = 'O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)'

/** As `agent service install` has it: again after 5 s, 30 s, then each 5 min; a day makes it forget. */
const RECOVERY = { resetSeconds: 86_400, delaysMs: [5_000, 30_000, 300_000] }
const ACTION_RESTART = 1
/** On install and on repair. */
const ON_INSTALL = 1 | 4
/** SERVICE_CONFIG_FAILURE_ACTIONS_FLAG: an error that the service itself tells counts as a failure. */
const FAILURE_ACTIONS_FLAG = 4
const CREATE_LINE = 0
const ON_UNINSTALL = 2

/** What the agent made, by name, and for real all of it: wine knows no patterns here. */
const LEFT_BEHIND: Readonly<Record<string, readonly string[]>> = {
  CONFIG: ['agent.yml', ...secretFiles(), '*.*'],
  DATA: ['tidewatch.db', 'tidewatch.db-wal', 'tidewatch.db-shm', 'tidewatch.lock', '*.*'],
}

function secretFiles(): string[] {
  return Object.values(ANSWERS).flatMap(({ file }) => (file === undefined ? [] : [file]))
}

const list = (values: readonly (string | number)[]): string => values.join('[~]')

export function installerTables(): Tables {
  const names = Object.keys(ANSWERS)
  return {
    IniFile: table(
      'IniFile',
      {
        ...{ IniFile: 's72', FileName: 'l255', DirProperty: 'S72', Section: 'l96', Key: 'l128' },
        ...{ Value: 'l255', Action: 'i2', Component_: 's72' },
      },
      names.map((name) => [
        ...[name, ANSWERS_FILE, 'CONFIGDIR', 'answers', name],
        ...[`[${name}]`, CREATE_LINE, answerComponent(name)],
      ]),
    ),
    MsiLockPermissionsEx: table(
      'MsiLockPermissionsEx',
      {
        ...{ MsiLockPermissionsEx: 's72', LockObject: 's72', Table: 's32' },
        ...{ SDDLText: 's0', Condition: 'S255' },
      },
      [
        ['CloseConfig', 'CONFIGDIR', 'CreateFolder', CLOSED, ''],
        ['CloseData', 'DATADIR', 'CreateFolder', CLOSED, ''],
      ],
    ),
    MsiServiceConfig: table(
      'MsiServiceConfig',
      {
        ...{ MsiServiceConfig: 's72', Name: 's255', Event: 'i2', ConfigType: 'i4' },
        ...{ Argument: 'S0', Component_: 's72' },
      },
      [['FailureFlag', 'Tidewatch', ON_INSTALL, FAILURE_ACTIONS_FLAG, '1', 'Agent']],
    ),
    MsiServiceConfigFailureActions: table(
      'MsiServiceConfigFailureActions',
      {
        ...{ MsiServiceConfigFailureActions: 's72', Name: 's255', Event: 'i2', ResetPeriod: 'I4' },
        ...{ RebootMessage: 'L255', Command: 'L255', Actions: 'S0', DelayActions: 'S0' },
        Component_: 's72',
      },
      [
        [
          ...['Recovery', 'Tidewatch', ON_INSTALL, RECOVERY.resetSeconds, '', ''],
          ...[list(RECOVERY.delaysMs.map(() => ACTION_RESTART)), list(RECOVERY.delaysMs), 'Agent'],
        ],
      ],
    ),
    Environment: table(
      'Environment',
      { Environment: 's72', Name: 'l255', Value: 'L255', Component_: 's72' },
      // For the machine, at the end of what is there, and taken out again on uninstall.
      [['Path', '=-*PATH', '[~];[INSTALLDIR]', 'Agent']],
    ),
    RemoveFile: table(
      'RemoveFile',
      {
        ...{ FileKey: 's72', Component_: 's72', FileName: 'L255', DirProperty: 's72' },
        InstallMode: 'i2',
      },
      Object.entries(LEFT_BEHIND).flatMap(([which, names]) =>
        names.map((name, i) => [
          ...[`Remove${which}${i}`, which === 'DATA' ? 'DataFolder' : 'ConfigFolder'],
          ...[name, `REMOVED_${which}`, ON_UNINSTALL],
        ]),
      ),
    ),
  }
}

const answerComponent = (name: string): string => `Answer_${name}`

/** `identifier` gives a GUID for a name: the same one in every version. */
export function installerStatements(identifier: (name: string) => string): readonly string[] {
  const names = Object.keys(ANSWERS)
  const secrets = names.filter((name) => ANSWERS[name]?.file !== undefined)
  return [
    ...names.flatMap((name) => [
      `INSERT INTO \`Component\` (\`Component\`, \`ComponentId\`, \`Directory_\`, \`Attributes\`, \`Condition\`) VALUES ('${answerComponent(name)}', '{${identifier(name)}}', 'CONFIGDIR', ${WIN64}, '${name}')`,
      `INSERT INTO \`FeatureComponents\` (\`Feature_\`, \`Component_\`) VALUES ('Main', '${answerComponent(name)}')`,
    ]),
    // Handed from the administrator to the part that runs as SYSTEM; secrets stay out of the log.
    `UPDATE \`Property\` SET \`Value\`='${['WIX_DOWNGRADE_DETECTED', 'WIX_UPGRADE_DETECTED', ...names, 'REMOVE_DATA'].join(';')}' WHERE \`Property\`='SecureCustomProperties'`,
    `INSERT INTO \`Property\` (\`Property\`, \`Value\`) VALUES ('MsiHiddenProperties', '${secrets.join(';')}')`,
    // 603 is Windows 8.1 and all that came later: that is as far as Windows tells an installer.
    "INSERT INTO `LaunchCondition` (`Condition`, `Description`) VALUES ('Installed OR (VersionNT64 AND VersionNT >= 603)', 'Tidewatch needs Windows 10 or Windows Server 2016, 64 bit, or later.')",
    // A folder's property that is not set removes nothing. An upgrade never removes data.
    ...['CONFIG', 'DATA'].flatMap((which, i) => [
      `INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('SetRemoved${which}', ${SET_PROPERTY}, 'REMOVED_${which}', '[${which}DIR]')`,
      action(
        `SetRemoved${which}`,
        1_010 + i,
        'REMOVE_DATA AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE',
      ),
    ]),
    action('RemoveIniValues', 3_100),
    action('RemoveEnvironmentStrings', 3_300),
    action('WriteIniValues', 5_100),
    action('WriteEnvironmentStrings', 5_200),
    action('MsiConfigureServices', 5_850),
  ]
}

/** msidbComponentAttributes64bit */
const WIN64 = 256
const SET_PROPERTY = 51

const action = (name: string, sequence: number, condition = ''): string =>
  `INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Condition\`, \`Sequence\`) VALUES ('${name}', '${condition}', ${sequence})`
