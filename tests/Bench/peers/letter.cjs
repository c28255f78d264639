// pdfkit: the words of a letter, page by page on A4, unsigned, same font; prints documents a second. argv: documents, font file, text file (pages end with a form feed)
const fs = require('node:fs');
const PDFDocument = require('pdfkit');
const count = Number(process.argv[2]);
const font = fs.readFileSync(process.argv[3]); // read once: the disk is not what is measured
const pages = fs.readFileSync(process.argv[4], 'utf8').split('\f').filter((page) => page.trim()).map((page) => page.split('\n').map((line) => line.trim()).filter(Boolean));
const once = () => new Promise((resolve, reject) => {
  const doc = new PDFDocument({ size: 'A4', autoFirstPage: false });
  let bytes = 0;
  doc.on('data', (chunk) => { bytes += chunk.length; });
  doc.on('end', () => resolve(bytes));
  doc.on('error', reject);
  for (const lines of pages) {
    doc.addPage().font(font).fontSize(8);
    for (const line of lines) doc.text(line);
  }
  doc.end();
});
(async () => {
  await once();
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) if (await once() < 5000) process.exit(1);
  console.log(count / (Number(process.hrtime.bigint() - start) / 1e9));
})();
