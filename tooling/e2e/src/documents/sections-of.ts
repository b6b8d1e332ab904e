/** The sections of a text below its headings of one level, such as `## `, by their headings. */
export function sectionsOf(text: string, level: string): Map<string, string> {
  const [, ...sections] = `\n${text}`.split(`\n${level}`)
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n')
      return [section.slice(0, end), section.slice(end + 1)]
    }),
  )
}
