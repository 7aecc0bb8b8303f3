# fish completion for manyhands. Made by `npm run manuals` from the option tables: edit those.
complete -c manyhands -f
complete -c manyhands -n __fish_is_first_arg -l help -d 'show this text and end'
complete -c manyhands -n __fish_is_first_arg -a status -d 'what the agent of this user and DISTCC_DIR has done and is doing'
complete -c manyhands -n '__fish_seen_subcommand_from status' -l json -d 'the same for programs'
complete -c manyhands -n __fish_is_first_arg -a cache -d 'the results that are kept of your compiles: stats, clear, or verify, which removes what is damaged'
complete -c manyhands -n '__fish_seen_subcommand_from cache' -l json -d 'the answer for programs'
complete -c manyhands -n __fish_is_first_arg -a setup -d 'build the programs for this machine and install them'
complete -c manyhands -n '__fish_seen_subcommand_from setup' -l prefix -x -a '(__fish_complete_directories)' -d 'install here, as `make install` does (a directory of its own for each build)'
complete -c manyhands -n '__fish_seen_subcommand_from setup' -l destdir -x -a '(__fish_complete_directories)' -d 'write below this directory what is to stand at the prefix'
complete -c manyhands -n '__fish_seen_subcommand_from setup' -l node -r -F -d 'the Node that will be there (the machine\'s; a copy of the one that runs, if it is not)'
complete -c manyhands -n '__fish_seen_subcommand_from setup' -l carry-node -d 'copy the Node that runs, even where it is the machine’s'
complete -c manyhands -n '__fish_seen_subcommand_from setup' -l remove -d 'take away what was installed under the prefix'
