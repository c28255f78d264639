// pdfkit: one A4 page like a letter's, unsigned, same font; prints pages a second. argv: pages, font file
const PDFDocument = require('pdfkit');
const [count, font] = [Number(process.argv[2]), process.argv[3]];
const text = ['电子数据存证函', 'Storage Letter', '存证编号 (2026) 电存字第 00000001 号', '委托人 甲公司', '文件名 合同.pdf', '字节数 12345',
  ...Array.from({ length: 30 }, (_, i) => `第 ${i + 1} 行 本函证明上述电子数据于所载时间已经存在且此后未被修改 sha-256 ${'0123456789abcdef'.repeat(2)}`)];
const once = () => new Promise((resolve, reject) => {
  const doc = new PDFDocument({ size: 'A4' });
  let bytes = 0;
  doc.on('data', (chunk) => { bytes += chunk.length; });
  doc.on('end', () => resolve(bytes));
  doc.on('error', reject);
  doc.font(font).fontSize(9);
  for (const line of text) doc.text(line);
  doc.end();
});
(async () => {
  await once();
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) if (await once() < 5000) process.exit(1);
  console.log(count / (Number(process.hrtime.bigint() - start) / 1e9));
})();
