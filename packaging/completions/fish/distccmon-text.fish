# fish completion for distccmon-text. Made by `npm run manuals` from the option tables: edit those.
complete -c distccmon-text -f
complete -c distccmon-text -l help -d 'show this text and end'
complete -c distccmon-text -l version -d 'show the version and end'
