package org.dataflex.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Everything that a run needs to go on as if it had never stopped.
 *
 * @param step optimizer updates made
 * @param state small values, by name
 * @param model the model's parameters, by name
 * @param optimizer the optimizer's arrays, as {@code array/parameter}
 * @param strategies what {@code Stateful} strategies saved, as {@code kind/name}, and the rows'
 *     arrays, as {@code rows/name}
 */
public record Checkpoint(
        long step,
        ObjectNode state,
        Map<String, Tensor> model,
        Map<String, Tensor> optimizer,
        Map<String, Tensor> strategies) {}
