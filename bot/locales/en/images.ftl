# What can be wrong with a picture.

error-not-a-picture = This file is not a picture. Please send a PNG, JPEG or WebP.
error-unsupported-picture = { $format ->
    [HEIC] HEIC pictures cannot be read here. Please send it as a JPEG or PNG; in most chats it is enough to send it as a photo instead of a file.
   *[other] Pictures of the kind { $format } cannot be read here. Please save it as PNG or JPEG and send that.
}
error-broken-picture = This { $format } file is damaged or incomplete. Please send it once more, or save it anew first.
error-too-many-bytes = This file has { $megabytes } MB; pictures may have { $allowed } MB. Please send a smaller one.
error-too-many-pixels = This picture has too many pixels; { $allowed } megapixels are allowed. Please send a smaller one.
error-cannot-fit = This picture cannot be made small enough to be posted here ({ $allowed } bytes are allowed).
