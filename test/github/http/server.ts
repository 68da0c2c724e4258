import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { World } from '../world.ts';
import { serveApi } from './api.ts';
import { isGitRequest, serveGit } from './git-backend.ts';

/** The REST API lies below this, so that web pages and repositories can have their own addresses. */
export const apiRoot = '/api/v3';

export function createGitHubServer(world: () => World): Server {
  const server = createServer((request, response) => {
    serve(world(), request, response).catch((error: unknown) => {
      world().violations.push(`the stand-in failed at ${request.url ?? ''}: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  return server;
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', world.url);
  if (url.pathname.startsWith(`${apiRoot}/`)) {
    url.pathname = url.pathname.slice(apiRoot.length);
    await serveApi(world, request, response, url);
  } else if (isGitRequest(url)) {
    await serveGit(world, request, response, url);
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('the stand-in has no web pages\n');
  }
}
