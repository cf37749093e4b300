/** What a Port is measured against: a forked process and `process.send`, nothing between. */

type Word = { readonly echo: unknown } | { readonly chunks: number; readonly bytes: number }

process.on('message', (word: Word) => {
  if ('echo' in word) process.send?.(word)
  else sendChunk(word.chunks, word.bytes)
})

/** The next chunk when the system has taken the last one, as a stream with back-pressure does at best. */
function sendChunk(left: number, bytes: number): void {
  if (left === 0) process.send?.('end')
  else process.send?.(new Uint8Array(bytes), undefined, undefined, () => sendChunk(left - 1, bytes))
}
