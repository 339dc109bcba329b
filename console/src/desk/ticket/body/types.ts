// A short word for a file's type, as people call it.
const names: Record<string, string> = {
  'application/pdf': 'PDF',
  'application/msword': 'DOC',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'DOCX',
  'application/vnd.ms-excel': 'XLS',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'XLSX',
  'application/vnd.ms-powerpoint': 'PPT',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PPTX',
  'application/zip': 'ZIP',
  'text/plain': 'TXT',
  'text/csv': 'CSV',
  'text/html': 'HTML',
  'image/jpeg': 'JPEG',
  'image/svg+xml': 'SVG',
  'video/quicktime': 'MOV',
};
export function typeName(mime: string | null, fileName: string | null): string {
  const bare = mime?.split(';')[0]?.trim().toLowerCase() ?? '';
  const known = names[bare];
  if (known) return known;
  const extension = /\.([a-z0-9]{1,5})$/i.exec(fileName ?? '')?.[1];
  const subtype = bare.split('/')[1];
  if (subtype && subtype !== 'octet-stream' && subtype.length <= 5) return subtype.toUpperCase();
  return extension?.toUpperCase() ?? 'FILE';
}
