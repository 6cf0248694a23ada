/** Lets the page's own code answer a request before Next.js does, once it is loaded: lib/page_server.ts sends pages from memory. */
import http from 'node:http';

export function installPageServer() {
  const createServer = http.createServer;
  http.createServer = (/** @type {any} */ listener) =>
    createServer((request, response) => {
      const render = () => listener(request, response);
      const { answerPage } = /** @type {any} */ (globalThis);
      if (answerPage) answerPage(request, response, render);
      else render();
    });
}
