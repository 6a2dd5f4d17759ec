//! The channels as the first migrations knew them. Released like them: a new channel is a new migration.

pub const CHANNELS: [&str; 9] =
    ["WEB", "MOBILE_APP", "KIOSK", "POINT_OF_SALE", "SMART_TV", "EMAIL", "CALL_CENTER", "SOCIAL", "OTHER"];
