/**
 * A folder of two files, an empty one in another folder and a link, with names longer than a header holds, as GNU tar writes it: gzip, base64.
 * `tar --format=… --sort=name --mtime=@1700000000 --owner=0 --group=7 --numeric-owner`
 */
export const GNU_ARCHIVE =
  "H4sIAAAAAAACA+3YWW7CMBQFUC/FK8jgIe+rUv+bTThVgIqQVCSIsDf+urG+Rkyi0EGqrVS5R4os4PPmXWwXTR8LzxJG1g4rO6x0/Dx8lxqrDFFiht8zazIhrQhg03ZuLaWYqILzL6rmedn6zT8z5l7+6nP+RJrzT5C/dz0ATFYUR/Fj3tTz/KVeBu3/05oo/rO/3At89D8ZIZ/Q/97FM7ce9eO2bifA5/6v8jf65/0/0c/3/zrl84KQKsQLNvH5H0X/Z/pm/+fo/zDzz/GP+ZFve/kga7cqo67v0Nn/Lf9vzv/MXvW/IqNx/g9hUVZVgzGY9Py3m8LrHfDv739Ja8L9b8j8y9Vrt/OY/9f9f5V/ygvufwEAAAAAAAD+zDsXFRa9ACgAAA==";
export const PAX_ARCHIVE =
  "H4sIAAAAAAACA+3Zz26CMAAGcM4+RZ9A+r968L7jXqE6No0oRjDDd9ttL7bKwWHNZDEUx/h+CSHRgybl+9rScfxsy6fEviT7PJ5nZRQAdbSU1d3x75QaGTGpuDSGytPnjFEmIxLkz/gOeWH37q9EwyQoscVqk8yYmaqJ4WJqxlQqNtXCqJH7dnH1LdXUMKrFKILec5GPQ/9GFXGlvNyb7/y7zy7zT6nUEVF9yr9fbj0a//oMkGaLdf7w/udMoP/R/9BJ/oOEvjH/5/7n1/3PuHD9T/uU/572fwkAg+Wt/9LVdt35/l8o4/e/5hTrvy64hR05DfrOFstZ/Gr3f/qy7/Y4wpK15fVfkND7+39jfr//F9yNZER4F88U9v8X/Z9t31q/GvvfXI2/Ngz930n/Tyak6v6qCEKMfosX+fwgM7K1m2RclMVdE4GaSvcoGkwE9f4PPGwN+39HefmXXArs/7uwTNI0QwwGnf/a/J8f5l29/7t5/isV9n9/9v0/5tD/lX8X+qBnwHec/7qnD+e/XY5/bQ5INrvi+Nj+55pq9P/D+v/c8Oj/ofR/66FvzP+t/meG4vwXAAAAAAAAAAAAAAAAAAAAAAAA4EdfxjMI7wBQAAA=";
