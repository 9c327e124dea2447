/** A cell that a spreadsheet neither runs as a formula nor rounds: long digits stay text behind a tab. */
export function safeCell(text: string): string {
  if (/^[=+\-@]/.test(text)) return `'${text}`;
  return /^\d{12,}$/.test(text) ? `\t${text}` : text;
}

/** One line of CSV with its line end, every cell made safe. */
export async function csvLines(rows: readonly (readonly string[])[]): Promise<string> {
  const {stringify} = await import('csv-stringify/sync');
  return stringify(rows.map(row => row.map(safeCell)));
}
