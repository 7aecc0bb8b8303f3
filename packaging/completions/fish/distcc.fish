# fish completion for distcc. Made by `npm run manuals` from the option tables: edit those.
complete -c distcc -x -a '(__fish_complete_subcommand)'
complete -c distcc -n __fish_is_first_arg -l help -d 'show this text and end'
complete -c distcc -n __fish_is_first_arg -l version -d 'show version and protocols and end'
complete -c distcc -n __fish_is_first_arg -l show-hosts -d 'show the hosts of the list that counts, one per line'
complete -c distcc -n __fish_is_first_arg -s j -d 'show how many jobs they take at once, for make -j'
complete -c distcc -n __fish_is_first_arg -l scan-includes -d 'before a compile: show which of its files a host with ,cpp is sent'
