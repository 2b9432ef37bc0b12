// Validates a document: node validate.mjs openapi.json. Says what is wrong, and ends with 1 if something is.
import { readFileSync } from 'node:fs';
import { compileErrors, validate } from '@readme/openapi-parser';

const result = await validate(JSON.parse(readFileSync(process.argv[2], 'utf8')));
console.log(result.valid ? 'valid' : compileErrors(result));
process.exit(result.valid ? 0 : 1);
