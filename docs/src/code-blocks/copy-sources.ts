import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { sourceOfBlock } from '../documents/code-blocks.ts'
import { documents, readDocument, repository } from '../documents/documents.ts'

/*
 * Copies the examples into the blocks of the documents that name them. Run it after you change an example:
 * node docs/src/code-blocks/copy-sources.ts
 */
for (const document of documents) {
  const text = readDocument(document)
  const copied = text.replaceAll(
    /^(<!-- (\S+) -->\n\n```\w+\n)[\s\S]*?^```$/gm,
    (_block, head: string, source: string) => `${head}${sourceOfBlock(source)}\`\`\``,
  )
  if (copied !== text) writeFileSync(path.join(repository, document), copied)
}
