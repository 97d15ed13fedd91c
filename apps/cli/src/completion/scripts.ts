import { UsageError } from '../usage-error.js';
import { VERB_NAMES } from '../verb-table.js';

/** Printed where file names are wanted, which shells complete best themselves. */
export const FILES = ':files';

/** Each asks `rampart complete` for what may stand in place of the last word. */
const SCRIPTS = {
  bash: (names: string) => `# For bash: source <(rampart completion bash)
_rampart_complete() {
  local word found IFS=$'\\n'
  local -a words=("\${COMP_WORDS[@]:0:COMP_CWORD+1}")
  words=("\${words[@]//\\\\/}")
  COMPREPLY=()
  mapfile -t found < <(rampart complete "\${words[@]}" 2>/dev/null)
  if [[ \${found[0]} == '${FILES}' ]]; then
    compopt -o default
    return
  fi
  for word in "\${found[@]}"; do
    printf -v word '%q' "$word"
    COMPREPLY+=("$word")
  done
}
complete -F _rampart_complete ${names}
`,
  zsh: (names: string) => `# For zsh, after compinit: source <(rampart completion zsh)
_rampart_complete() {
  local -a found
  found=("\${(@f)$(rampart complete "\${(@Q)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == '${FILES}' ]]; then
    _files
  elif [[ -n $found[1] ]]; then
    compadd -a found
  fi
}
compdef _rampart_complete ${names}
`,
} as const;

/** The script for one shell; throws a `UsageError` for any other. */
export function completionScript([shell = '']: readonly string[]): string {
  const script = Object.entries(SCRIPTS).find(([name]) => name === shell)?.[1];
  if (script) return script(['rampart', ...VERB_NAMES.flat()].join(' '));
  throw new UsageError(
    `completion '${shell}' is unknown: use bash or zsh, as in source <(rampart completion bash)`,
  );
}
