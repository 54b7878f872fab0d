/**
 * The page in the browser, and the report that can be sent: a model's pictures and maps to look at.
 */
@NullMarked
package dev.keralens.web;

import org.jspecify.annotations.NullMarked;
