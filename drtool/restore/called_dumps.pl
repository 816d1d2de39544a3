# What a dump is called, as far as a name tells: by its suffix, whatever a date, a number or a copy put behind it, by words
# such as `sqlbkp`, as UpdraftPlus does, or by its folder, as borgmatic does.
our $called_dump = do {
    my $packed = qr/(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))*/i;
    my $behind = qr/(?:[-_.](?:bak|old|orig|copy|prev|te?mp|part)(?![a-z])|[-_.:T+@ ]*\d+|[*~])*/i;
    my $kept = qr/\.(?:bak|bkp|backup|dmp)/i;
    my $words = qr{(?:^|[-_./])(?:(?:my)?sql|mariadb|db|databases?)(?:$kept|[-_.]?(?:dump|bkp|bak|backup)s?(?:$kept|[-_.:T]*\d[-_.:T\d]{3,}$kept?|(?=\.)))}i;
    qr{\.(?:sql|dump)$behind$packed$behind$|$words$packed$|-db\.(?:gz|zip)$|(?:^|/)(?:mariadb|mysql)_databases/[^/]+/[^/]+$}i;
};
