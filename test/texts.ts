import { loadTexts } from '../src/config/comments.ts';

const loaded = loadTexts(null);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));

/** The bundled comment texts. */
export const { en, ja } = loaded.texts;
