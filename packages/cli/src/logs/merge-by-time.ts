/** Something with a place in time: nanoseconds since 1970. */
export interface Timed {
  readonly at: bigint;
}

/**
 * Merges sequences, each in time order, into one in time order. At equal times the earlier source comes first.
 * Holds one item of each source; leaving the loop ends all of them.
 */
export async function* mergeByTime<T extends Timed>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const first = await Promise.all(iterators.map((iterator) => iterator.next()));
    const heads = first.flatMap((result, index) => (result.done ? [] : [{ index, item: result.value }]));
    while (heads.length > 0) {
      let least = 0;
      for (let i = 1; i < heads.length; i += 1) if (isBefore(heads[i], heads[least])) least = i;
      const head = heads[least];
      if (!head) return;
      yield head.item;
      const next = await iterators[head.index]?.next();
      if (!next || next.done) heads.splice(least, 1);
      else heads[least] = { index: head.index, item: next.value };
    }
  } finally {
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()));
  }

  function isBefore(a: { item: T; index: number } | undefined, b: { item: T; index: number } | undefined): boolean {
    if (!a || !b) return false;
    return a.item.at < b.item.at || (a.item.at === b.item.at && a.index < b.index);
  }
}
