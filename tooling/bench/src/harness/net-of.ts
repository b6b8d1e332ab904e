import { spreadOf } from './statistics.ts'

/** What some values are above others that were measured in the same rounds: above the median of those of its round. */
export function netOf(values: readonly number[], floors: readonly (readonly number[])[]): number[] {
  return values.map((value, round) => {
    const ofRound = floors.map((floor) => floor[round])
    if (ofRound.includes(undefined)) throw new Error('they were not measured in the same rounds')
    return value - spreadOf(ofRound as number[]).median
  })
}
