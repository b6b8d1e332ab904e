/** What the works and those who do them are called in Chinese, where that is no name of a package or a function. */
export const chineseNames: Readonly<Record<string, string>> = {}
