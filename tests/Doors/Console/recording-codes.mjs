// Every code that the browser's judge of recordings has a sentence for, one a line.
import { CODES } from '../../../functions/Doors/Console/browser/recording-words.mjs';

for (const code of CODES) console.log(code);
