// Reads the PDF beside the page; asks nobody for anything.
import 'pdfjs-dist/legacy/build/pdf.worker.min.mjs';
