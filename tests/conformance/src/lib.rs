//! One suite over the Site port, for every kind of site
