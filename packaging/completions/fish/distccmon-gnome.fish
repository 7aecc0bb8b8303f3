# fish completion for distccmon-gnome. Made by `npm run manuals` from the option tables: edit those.
complete -c distccmon-gnome -f
complete -c distccmon-gnome -l help -d 'show this text and end'
complete -c distccmon-gnome -l version -d 'show the version and end'
