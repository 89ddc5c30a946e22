// All words in French, as in `english.ts`; fetched by whoever reads it.
import page from './fr.json';
import operations from './operations.fr.json';

export default { ...page, ...operations };
