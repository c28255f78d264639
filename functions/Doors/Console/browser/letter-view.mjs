// Pictures of a PDF's pages. Large, so it is only loaded when a reader wants them.
import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist/legacy/build/pdf.min.mjs';

// A letter has a few pages; one with hundreds of items is read as PDF.
const mostPages = 20;

// Pixels across a page: what a good screen shows, and 20 of them fit a phone's memory.
const mostWidth = 1600;

/** Draws each page into an element, one after the other. Returns how many pages the PDF has. */
export async function draw(bytes, worker, into, name) {
  GlobalWorkerOptions.workerPort ??= new Worker(worker, { type: 'module' });
  const task = getDocument({ data: bytes, useWasm: false, useWorkerFetch: false, useSystemFonts: false, enableXfa: false, isOffscreenCanvasSupported: false });
  const pdf = await task.promise;
  try {
    for (let number = 1; number <= Math.min(pdf.numPages, mostPages); number++) {
      const page = await pdf.getPage(number);
      const canvas = document.createElement('canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', name.replace('{page}', number).replace('{pages}', pdf.numPages));
      into.append(canvas);
      const scale = Math.min(mostWidth, canvas.clientWidth * devicePixelRatio) / page.getViewport({ scale: 1 }).width;
      const viewport = page.getViewport({ scale });
      [canvas.width, canvas.height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
      await page.render({ canvas, viewport }).promise;
      canvas.dataset.drawn = '';
      page.cleanup();
    }
    return { pages: pdf.numPages, shown: Math.min(pdf.numPages, mostPages) };
  } finally {
    await task.destroy();
  }
}
