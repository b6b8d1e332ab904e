import { describe, expect, it } from 'vitest'
import { provenanceProblems } from './provenance.ts'

const url = 'git+https://github.com/example/pds.git'
const packed = { name: '@pds/core', repository: { url }, publishConfig: { access: 'public' } }

describe('npm would', () => {
  it('accept public packages with the repository of the root manifest', () => {
    expect(provenanceProblems([packed], { repository: { url } })).toEqual([])
  })

  it('reject packages without a repository', () => {
    expect(provenanceProblems([packed], {})).toEqual([expect.stringContaining('has no "repository"')])
  })

  it.each(['https://example.com/pds.git', 'git@github.com:example/pds.git', undefined])(
    'reject the address %s',
    (address) => {
      const root = { repository: { url: address } }
      expect(provenanceProblems([{ ...packed, ...root }], root)).toEqual([
        expect.stringContaining('is not git+https://github.com/<owner>/<name>.git'),
      ])
    },
  )

  it('reject a package with another repository, and one that is not public', () => {
    const problems = provenanceProblems([{ name: '@pds/types' }], { repository: { url } })
    expect(problems).toEqual([
      '@pds/types is packed without the "repository" of package.json',
      '@pds/types is not public: its publishConfig has no "access": "public"',
    ])
  })
})
