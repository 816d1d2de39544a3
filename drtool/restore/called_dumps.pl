# What a dump is called, as far as a name tells: by its suffix, as UpdraftPlus does, or by its folder, as borgmatic does.
our $called_dump = do {
    my $packed = qr/(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))*/i;
    qr{\.(?:sql|dump)$packed$|-db\.(?:gz|zip)$|(?:^|/)(?:mariadb|mysql)_databases/[^/]+/[^/]+$}i;
};
