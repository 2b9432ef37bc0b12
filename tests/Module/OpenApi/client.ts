// A client whose types are made of the document (api.d.ts, by openapi-typescript): what the document does not allow does not compile.
import type { components, paths } from './api.js';

declare const process: { argv: string[]; exit(code: number): never };

type Item = components['schemas']['Item'];
type Content<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body
    : Answer extends { content: { 'text/plain': infer Text } } ? Text : undefined;
type Ok<Operation> = Operation extends { responses: { 200: infer Answer } } ? Content<Answer> : undefined;
type Query<Operation> = Operation extends { parameters: { query?: infer Known } } ? Known : never;
type InPath<Operation> = Operation extends { parameters: { path: infer Known } } ? Known : undefined;
type Body<Operation> = Operation extends { requestBody?: { content: { 'application/json': infer Known } } } ? Known : undefined;

const base = process.argv[2]!;

async function call<Path extends keyof paths, Method extends keyof paths[Path]>(
    method: Method & string, path: Path,
    given: { path: InPath<paths[Path][Method]>; query?: Query<paths[Path][Method]>; body?: Body<paths[Path][Method]>; key?: string },
): Promise<{ status: number; type: string; body: Ok<paths[Path][Method]> }> {
    const target = (path as string).replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(String((given.path as Record<string, unknown>)[name])));
    const url = new URL(target, base);
    for (const [name, value] of Object.entries((given.query ?? {}) as Record<string, unknown>)) {
        for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
    }

    const headers: Record<string, string> = { Accept: 'application/json' };
    if (given.body !== undefined) headers['Content-Type'] = 'application/json';
    if (given.key !== undefined) headers['X-Key'] = given.key;
    const answer = await fetch(url, { method: method.toUpperCase(), headers, body: given.body === undefined ? undefined : JSON.stringify(given.body) });
    const text = await answer.text();
    const type = answer.headers.get('Content-Type') ?? '';
    return { status: answer.status, type, body: type.includes('json') ? JSON.parse(text) : text };
}

function check(what: string, actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) === JSON.stringify(expected)) return;
    console.log(`${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
    process.exit(1);
}

const one = await call('get', '/items/{id}', { path: { id: 7 }, query: { Detail: 'long' } });
const item: Item = one.body;
check('an item', [one.status, item.Id, item.Name], [200, 7, 'item long']);

const list = await call('get', '/items', { path: undefined, query: { Tag: ['a', 'b'], Top: 2 } });
check('a list', list.body.map((found) => found.Name), ['a', 'b']);

const added = await call('post', '/items', { path: undefined, body: { Id: 3, Name: 'new', Tags: [{ Text: 'x' }] }, key: 'secret' });
check('an addition', [added.status, added.body.Name, added.body.Tags?.[0]?.Text], [200, 'new', 'x']);
check('an addition without a key', (await call('post', '/items', { path: undefined, body: { Id: 3, Name: 'new' } })).status, 401);

const greeting = await call('get', '/greet', { path: undefined, query: { Name: 'Anna', Word: 'Bye' } });
check('a command', [greeting.status, greeting.body], [200, 'Bye Anna False']);

// @ts-expect-error The set has no such value.
const wrong = await call('get', '/items/{id}', { path: { id: 7 }, query: { Detail: 'huge' } });
check('a wrong value', [wrong.status, wrong.type], [400, 'application/problem+json']);

// It is compiled, and not called.
export async function neverCalled(): Promise<void> {
    // @ts-expect-error The number is missing.
    await call('get', '/items/{id}', {});
    // @ts-expect-error There is no such path.
    await call('get', '/hidden', { path: undefined });
}

console.log('talked');
