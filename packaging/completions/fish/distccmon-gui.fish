# fish completion for distccmon-gui. Made by `npm run manuals` from the option tables: edit those.
complete -c distccmon-gui -f
complete -c distccmon-gui -l help -d 'show this text and end'
complete -c distccmon-gui -l version -d 'show the version and end'
