// Builds dist/: our code bundled and split so that each command loads only what it needs. Packages stay external, except
// the small ones that every start pays for, and the parts of undici that core/http.ts uses (its index costs more than
// all the rest of a start). What is bundled is pinned exactly in package.json.
import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {build} from 'esbuild';

rmSync('dist', {recursive: true, force: true});
const BUNDLED = /^(undici|commander|chalk|valibot)(\/|$)/;
const external = {
  name: 'external-packages',
  setup(b) {
    b.onResolve({filter: /^[^./]/}, args => {
      if (BUNDLED.test(args.path) || args.importer.includes('node_modules')) return null;
      return {path: args.path, external: true};
    });
  },
};
await build({
  entryPoints: {
    index: 'src/index.ts',
    'sandbox/index': 'src/sandbox/index.ts',
    main: 'src/cli/main.ts',
    world: 'src/cli/world.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  legalComments: 'none',
  plugins: [external],
  banner: {
    js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
  },
});
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {stdio: 'inherit'});
