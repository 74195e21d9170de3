/** The readers of Windows's records under fuzzing: EVTX, XML, tasks, shippers' JSON. */
import { evtxReader } from '../../platform/recordings/evtx-reader.ts'
import { windowsLinesReader } from '../../platform/recordings/windows-json-reader.ts'
import { nextFire } from '../../platform/schedule-times.ts'
import { parseXml } from '../../platform/shared/xml.ts'
import { parseTask } from '../../platform/windows/task.ts'
import { windowsEvents } from '../../platform/windows/windows-events.ts'
import { type FuzzTarget, must, pieces } from './target.ts'

const NOW_MS = Date.UTC(2026, 0, 15)
const EVENT =
  '<Event><System><Provider Name="Microsoft-Windows-Sysmon"/><EventID>3</EventID><TimeCreated SystemTime="2026-01-15T10:00:00.123Z"/><EventRecordID>7</EventRecordID><Channel>Microsoft-Windows-Sysmon/Operational</Channel></System><EventData><Data Name="UtcTime">2026-01-15 10:00:00.100</Data><Data Name="ProcessId">9</Data><Data Name="Image">C:\\a.exe</Data><Data Name="Initiated">true</Data><Data Name="DestinationIp">198.51.100.2</Data><Data Name="DestinationPort">443</Data></EventData></Event>'
const TASK =
  '<?xml version="1.0" encoding="UTF-16"?><Task><Triggers><TimeTrigger><StartBoundary>2026-01-01T00:00:00</StartBoundary><Repetition><Interval>PT15M</Interval><Duration>P1D</Duration></Repetition><RandomDelay>PT30S</RandomDelay></TimeTrigger><CalendarTrigger><StartBoundary>2026-01-01T02:30:00Z</StartBoundary><ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek><Monday/></DaysOfWeek></ScheduleByWeek></CalendarTrigger></Triggers><Actions><Exec><Command>cmd</Command><Arguments>/c x &amp; y</Arguments></Exec></Actions><Settings><Hidden>true</Hidden></Settings></Task>'

export const WINDOWS_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'EVTX',
    recordings: /^windows-evtx\/.*\.evtx$/,
    made: [Buffer.from(`${'ElfFile\0'.padEnd(4096, '\0')}ElfChnk\0`)],
    unit: 'file',
    run(input, random) {
      const events = windowsEvents()
      let handed = 0
      const reader = evtxReader((record) => {
        handed++
        record.fields()
        events.read(record)
      })
      for (const piece of pieces(input, random)) reader.push(piece)
      reader.end()
      const { records, malformed, missed } = reader.counts
      must(records <= handed && handed <= records + malformed, 'each record handed on is counted')
      must(missed >= 0, 'no negative loss')
    },
  },
  {
    name: 'Windows JSON and XML lines',
    recordings: /^windows-json\/.*(json|xml|log|txt)$/,
    made: [
      EVENT,
      '{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","ProcessId":"9","Image":"C:\\\\a.exe","@timestamp":"2026-01-15T10:00:00Z"}',
    ],
    unit: 'line',
    run(input, random) {
      const events = windowsEvents()
      const reader = windowsLinesReader((record) => void events.read(record))
      for (const piece of pieces(input, random)) reader.push(piece)
      reader.end()
      const { rows, records, ignored, malformed } = reader.counts
      must(rows === records + ignored + malformed, 'the books agree')
    },
  },
  {
    name: 'task definitions and XML',
    recordings: /^$/,
    made: [TASK, TASK.replaceAll('<', '&lt;'), EVENT],
    unit: 'file',
    run(input) {
      const text = input.toString('utf8')
      parseXml(text)
      const task = parseTask('\\a', text, NOW_MS)
      if (task.ok && task.value.schedule.timing) {
        nextFire(task.value.schedule.timing, NOW_MS, 'Europe/Berlin')
      }
    },
  },
]
