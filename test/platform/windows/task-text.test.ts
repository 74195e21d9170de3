import t from 'tap'
import { taskText } from '../../../platform/windows/task-text.ts'

const TEXT = '<?xml version="1.0" encoding="UTF-16"?><Task>ü</Task>'
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

t.test('the same text in every encoding that a task may have', async (t) => {
  t.equal(taskText(Buffer.from(`\ufeff${TEXT}`, 'utf16le')), TEXT)
  t.equal(taskText(Buffer.from(TEXT, 'utf16le')), TEXT)
  t.equal(taskText(utf16be(`\ufeff${TEXT}`)), TEXT)
  t.equal(taskText(Buffer.from(`\ufeff${TEXT}`)), TEXT)
  t.equal(taskText(Buffer.from(TEXT)), TEXT)
  t.equal(taskText(Buffer.alloc(0)), '')
})
