import { isPDSError, PDSError, rejectOnAbort } from '@pds/core/internal'

/** Waits for a promise. Rejects with the error of an aborted call as soon as the signal is aborted. */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
  outcome: PDSError['outcome'] = 'not-sent',
): Promise<T> {
  if (!signal) return run()
  if (signal.aborted) throw aborted('not-sent')
  try {
    return await rejectOnAbort(signal, run())
  } catch (error) {
    // The promise may have rejected with the signal's reason.
    throw signal.aborted && !isPDSError(error) ? aborted(outcome) : error
  }
}

function aborted(outcome: PDSError['outcome']): PDSError {
  return new PDSError('the call was aborted by its signal', { code: 'Aborted', outcome })
}
