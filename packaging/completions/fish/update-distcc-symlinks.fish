# fish completion for update-distcc-symlinks. Made by `npm run manuals` from the option tables: edit those.
complete -c update-distcc-symlinks -f
complete -c update-distcc-symlinks -l help -d 'show this text and end'
complete -c update-distcc-symlinks -l version -d 'show the version and end'
complete -c update-distcc-symlinks -l directory -x -a '(__fish_complete_directories)' -d 'fill this one (PREFIX/lib/distcc)'
complete -c update-distcc-symlinks -l link -x -d 'what each link says (the way from a PREFIX/lib/distcc to PREFIX/bin/distcc, else where distcc is)'
