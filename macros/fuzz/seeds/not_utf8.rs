// café
async fn naïve() { "ÿş" ; 'Ã' ; b'©' }
í € fn f() {}
ğŸ