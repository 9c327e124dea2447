// node --import this: writes the URL of every module that is loaded to the file named by LOADS.
import {register} from 'node:module';

const hooks = `
import {appendFileSync} from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(process.env.LOADS, found.url + '\\n');
  return found;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
