import { openRecordedFile } from '../../platform/recordings/recorded-file.ts'

/** Reads a recorded file to its end. @returns bytes from disk */
export async function readRecorded(
  path: string,
  take: (bytes: Buffer) => boolean | undefined,
): Promise<number> {
  const file = await openRecordedFile(path, (bytes) => take(bytes) !== false)
  try {
    while (await file.step());
    return file.readBytes
  } finally {
    await file.close()
  }
}
