# fish completion for pump. Made by `npm run manuals` from the option tables: edit those.
complete -c pump -x -a '(__fish_complete_subcommand)'
complete -c pump -n __fish_is_first_arg -l help -s h -d 'show this text and end'
complete -c pump -n __fish_is_first_arg -l version -d 'show the version and end'
complete -c pump -n __fish_is_first_arg -l startup -d 'print what a shell has to set, as lines for its eval'
complete -c pump -n __fish_is_first_arg -l shutdown -d 'take away what --startup made; by the variables that it had set'
