// All words in English: those of the page, and those of operations and their fields.
import page from './en.json';
import operations from './operations.en.json';

export default { ...page, ...operations };
