# 图片可能出现的问题。

error-not-a-picture = 这个文件不是图片。请发送 PNG、JPEG 或 WebP。
error-unsupported-picture = { $format ->
    [HEIC] 这里无法读取 HEIC 图片。请改发 JPEG 或 PNG；在多数聊天软件里，以照片而不是文件的方式发送即可。
   *[other] 这里无法读取 { $format } 类型的图片。请另存为 PNG 或 JPEG 后再发送。
}
error-broken-picture = 这个 { $format } 文件已损坏或不完整。请重新发送，或先另存一次再发送。
error-too-many-bytes = 这个文件有 { $megabytes } MB，图片最大允许 { $allowed } MB。请发送小一些的图片。
error-too-many-pixels = 这张图片的像素太多，最多允许 { $allowed } 百万像素。请发送小一些的图片。
error-cannot-fit = 这张图片无法缩小到可以在这里发布的程度（最多允许 { $allowed } 字节）。
