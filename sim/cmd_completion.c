/* hybridsim completion: a shell's completion of this very command line. The
 * scripts are short, because they ask the program (sim/complete.h) and so never
 * know less than it does. */

#include "config.h"

#include "sim/cli.h"
#include "sim/complete.h"

#include <stdio.h>
#include <string.h>

static const char bash[] =
    "# bash completion of hybridsim: written by hybridsim completion bash.\n"
    "_hybridsim() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} line word suffix\n"
    "    COMPREPLY=()\n"
    "    [[ $cur == '=' ]] && cur=\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "        :dirs)\n"
    "            compopt -o filenames\n"
    "            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \\\n"
    "                < <(compgen -d -- \"${cur#[\\\"\\']}\")\n"
    "            ;;\n"
    "        :files)\n"
    "            compopt -o filenames\n"
    "            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \\\n"
    "                < <(compgen -f -- \"${cur#[\\\"\\']}\")\n"
    "            ;;\n"
    "        ':files '*)\n"
    "            compopt -o filenames\n"
    "            for suffix in ${line#:files }; do\n"
    "                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \\\n"
    "                    < <(compgen -f -X \"!*.$suffix\" -- "
    "\"${cur#[\\\"\\']}\")\n"
    "            done\n"
    "            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \\\n"
    "                < <(compgen -d -- \"${cur#[\\\"\\']}\")\n"
    "            ;;\n"
    "        ?*)\n"
    "            word=${line%%$'\\t'*}\n"
    "            [[ $word == *= ]] && compopt -o nospace\n"
    "            [[ $cur == [\\\"\\']* ]] || printf -v word %q \"$word\"\n"
    "            COMPREPLY+=(\"$word\")\n"
    "            ;;\n"
    "        esac\n"
    "    done < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" completion --words=bash -- "
    "\\\n"
    "        \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _hybridsim hybridsim\n";

static const char zsh[] =
    "#compdef hybridsim\n"
    "# zsh completion of hybridsim: written by hybridsim completion zsh.\n"
    "_hybridsim() {\n"
    "    local line suffixes\n"
    "    local -a found shown\n"
    "    for line in \"${(@f)$(${(e)words[1]/#\\~/$HOME} completion "
    "--words=zsh -- \\\n"
    "        \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
    "        case $line in\n"
    "        (:dirs) compset -P '*='; _files -/ ;;\n"
    "        (:files) compset -P '*='; _files ;;\n"
    "        (':files '*)\n"
    "            compset -P '*='\n"
    "            suffixes=${${line#:files }// /|}\n"
    "            _files -g \"*.($suffixes)(-.)\" ;;\n"
    "        (?*)\n"
    "            found+=(\"${line%%$'\\t'*}\")\n"
    "            shown+=(\"${line/$'\\t'/  -- }\") ;;\n"
    "        esac\n"
    "    done\n"
    "    if [[ $#found -eq 1 && $found[1] == *= ]]; then\n"
    "        compadd -S '' -d shown -a found\n"
    "    elif (( $#found )); then\n"
    "        compadd -d shown -a found\n"
    "    fi\n"
    "}\n"
    "if [[ $funcstack[1] == _hybridsim ]]; then\n"
    "    _hybridsim \"$@\"\n"
    "else\n"
    "    compdef _hybridsim hybridsim\n"
    "fi\n";

static const char fish[] =
    "# fish completion of hybridsim: written by hybridsim completion fish.\n"
    "function __hybridsim_words\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l typed (commandline -ct)\n"
    "    set -l option (string match -r -- '^--[^=]*=' $typed)\n"
    "    set -l path (string replace -r -- '^--[^=]*=' '' $typed)\n"
    "    for line in ($words[1] completion --words=fish -- $words[2..-1] "
    "2>/dev/null)\n"
    "        switch $line\n"
    "            case ':dirs'\n"
    "                printf '%s\\n' $option(__fish_complete_directories "
    "\"$path\" '')\n"
    "            case ':files'\n"
    "                printf '%s\\n' $option(__fish_complete_path \"$path\")\n"
    "            case ':files *'\n"
    "                for suffix in (string split ' ' -- (string sub -s 8 -- "
    "$line))\n"
    "                    __fish_complete_suffix \"$path\" .$suffix\n"
    "                end\n"
    "            case '?*'\n"
    "                printf '%s\\n' $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c hybridsim -f -a '(__hybridsim_words)'\n";

static const struct {
    const char *name, *script;
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

static int
print_script(const char *shell)
{
    for (unsigned i = 0; shell != NULL && i < G_N_ELEMENTS(shells); i++)
        if (g_str_equal(shell, shells[i].name)) {
            if (!hs_cli_quiet())
                fputs(shells[i].script, stdout);
            return HS_EXIT_OK;
        }
    hs_cli_error("completion: which shell? hybridsim completion bash, zsh or "
                 "fish");
    return HS_EXIT_USAGE;
}

/* The words are somebody else's: they must not be taken for our options. */
static int
print_words(const char *shell, char *const *words)
{
    g_autoptr(GString) lines = g_string_new(NULL);

    if (g_str_equal(shell, "bash"))
        hs_complete_bash(words, lines);
    else
        hs_complete(words, lines);
    fputs(lines->str, stdout);
    return HS_EXIT_OK;
}

int
hs_cmd_completion(int argc, char **argv)
{
    g_autofree char *shell = NULL;
    g_auto(GStrv) words = NULL;
    const GOptionEntry entries[] = {
        {"words", 0, 0, G_OPTION_ARG_STRING, &shell,
         "print what may stand next, as the script of a shell asks; behind "
         "\"--\" stands what was typed behind hybridsim",
         "bash|zsh|fish"},
        G_OPTION_ENTRY_NULL,
    };

    if (argc > 2 && g_str_has_prefix(argv[1], "--words=") &&
        g_str_equal(argv[2], "--"))
        return print_words(argv[1] + strlen("--words="), argv + 3);
    words = hs_cli_parse_words(
        argc, argv, entries, "bash|zsh|fish",
        "Prints a script by which a shell completes commands, options, files "
        "and the names and values of --set. `make install` puts it where the "
        "shells look for it.");
    if (words == NULL)
        return HS_EXIT_USAGE;
    if (shell != NULL) {
        hs_cli_error("completion: --words=%s -- WORD...", shell);
        return HS_EXIT_USAGE;
    }
    return print_script(words[0] != NULL && words[1] == NULL ? words[0] : NULL);
}
