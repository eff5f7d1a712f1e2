error-server-unreachable = The server { $server } cannot be reached ({ $reason }). Check that it runs and that its address in the settings is right.
error-tls-failed = The certificate of the server { $server } was not accepted ({ $reason }). For a self-signed one, set verify_tls = false in its settings.
error-connection-lost = The connection to the server { $server } broke ({ $reason }). Try again.
error-server-timeout = The server { $server } did not answer within { $seconds } seconds. Try again later.
error-unauthorised = The server { $server } refused our credentials (HTTP { $status }). Check basic_auth and headers in its settings.
error-server-error = The server { $server } answered with an error (HTTP { $status }): { $reason }
error-bad-answer = What answers at the address of the server { $server } does not talk like ComfyUI ({ $route }). Check its address in the settings.
error-refused-graph = The server { $server } refused the workflow. { $problems }
error-outcome-unknown = The server { $server } did not say whether it took the job. It was not sent again, so that it does not run twice. Look at the server's queue, then try again.
error-output-gone = The file { $filename } is no longer on the server { $server }. Try again.
error-output-too-large = The file { $filename } on the server { $server } is larger than the { $limit } bytes allowed. Raise max_output_bytes in its settings.
error-upload-too-large = The server { $server } takes no picture of { $size } bytes. Send a smaller one.

node-error-missing-node-type = The server has no node “{ $class_type }” ({ $node }). Install the custom node that brings it.
node-error-prompt-no-outputs = The workflow has no output node, such as SaveImage.
node-error-required-input-missing = “{ $title }” ({ $node }) needs a value for { $field }.
node-error-value-not-in-list = “{ $title }” ({ $node }) does not know { $field } “{ $value }”.{ $allowed ->
    [none] {""}
   *[other] {" "}The nearest it knows: { $allowed }.
}
node-error-value-bigger-than-max = “{ $title }” ({ $node }): { $field } is { $value }; at most { $maximum } is allowed.
node-error-value-smaller-than-min = “{ $title }” ({ $node }): { $field } is { $value }; at least { $minimum } is needed.
node-error-invalid-input-type = “{ $title }” ({ $node }) cannot use “{ $value }” for { $field }.
node-error-return-type-mismatch = “{ $title }” ({ $node }): what is linked to { $field } is of another type. { $message }
node-error-custom-validation-failed = “{ $title }” ({ $node }) does not accept its { $field }. { $message }
node-error-other = { $node ->
    [none] { $message }
   *[other] “{ $title }” ({ $node }): { $message }
}
