/** The two parts of undici that core/http.ts uses; its own types describe only the whole package. */
declare module 'undici/lib/dispatcher/agent.js' {
  import {Agent} from 'undici';
  export default Agent;
}
declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  import {EnvHttpProxyAgent} from 'undici';
  export default EnvHttpProxyAgent;
}
